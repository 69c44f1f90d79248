;; Guest RAM allocated a second time: the guest's memory would lie where EDM does not look.
(import "v86" "memory" (memory 1))
(import "v86" "allocate_memory" (func $allocate (param i32) (result i32)))

(func $attack (export "attack")
  (drop (call $allocate (i32.const 0x100000))))
