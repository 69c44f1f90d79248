;; A compiled module with a data segment: instantiating it writes to memory without a store.
(import "e" "m" (memory 1))

(data (i32.const 580) "\00\00\00\00")
(func $f (export "f") (param i32))
