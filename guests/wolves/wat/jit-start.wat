;; A compiled module with a start function: it runs when it is instantiated, before anybody calls it.
(import "e" "m" (memory 1))

(func $start
  (i32.store8 (call $edm-byte) (i32.const 6)))
(start $start)
(func $f (export "f") (param i32))
