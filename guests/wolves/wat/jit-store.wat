;; A compiled module that writes to EDM, handed to the installer as v86 would.
(import "e" "m" (memory 1))

(func $f (export "f") (param i32)
  (i32.store8 (call $edm-byte) (i32.const 6)))
