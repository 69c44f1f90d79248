;; A compiled module that is harmless when it is handed over, and in whose buffer v86 then puts another before it is compiled.
(import "e" "m" (memory 1))

(func $f (export "f") (param i32)
  (i32.store8 (call $edm-byte) (i32.const 6)))
