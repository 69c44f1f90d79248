;; A compiled module that imports what no compiled module has a use for: EDM's gates and ledger.
(import "e" "m" (memory 1))
(import "edm" "ledger" (global $ledger i32))
(import "edm" "gate" (table $gate 5 funcref))

(func $f (export "f") (param i32)
  (i32.store8 (i32.add (global.get $ledger) (i32.shr_u (global.get $ledger) (i32.const 12))) (i32.const 6)))
