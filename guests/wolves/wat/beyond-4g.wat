;; Address plus static offset passes 2^32: guards that add 32 bits would look at another page. The engine adds 33.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store offset=0xfffffff0 (i32.add (call $edm) (i32.const 16)) (i32.const 0)))
