;; A compiled module for a slot beyond those of compiled code: it would replace what lies there.
(import "e" "m" (memory 1))

(func $f (export "f") (param i32))
