;; What wolves may call that have the disk write memory for them: v86's own OUT instructions, with the guest's registers in the wolf's hands.
;; ATA/ATAPI-8 (READ DMA) and the programming interface of bus-master IDE.

;; OUT DX, AL
(func $byte-to (param $port i32) (param $value i32)
  (i32.store (i32.const 72) (local.get $port))
  (i32.store (i32.const 64) (local.get $value))
  (call $out8))

;; Reads the disk's first sector to a guest-physical address.
(func $transfer (param $to i32)
  (local $eax i32) (local $edx i32) (local $descriptor i32)
  (local.set $eax (i32.load (i32.const 64)))
  (local.set $edx (i32.load (i32.const 72)))
  ;; One descriptor, in a frame that the guest does not use: address, 512 bytes, end of table.
  (local.set $descriptor (i32.add (i32.load (global.get $MEMORY-BASE)) (i32.const 0x500)))
  (i32.store (local.get $descriptor) (local.get $to))
  (i32.store offset=4 (local.get $descriptor) (i32.const 0x80000200))
  (i32.store (i32.const 72) (i32.const 0xb404))
  (i32.store (i32.const 64) (i32.const 0x500))
  (call $out32)
  (call $byte-to (i32.const 0x1f6) (i32.const 0xe0))
  (call $byte-to (i32.const 0x1f2) (i32.const 1))
  (call $byte-to (i32.const 0x1f3) (i32.const 0))
  (call $byte-to (i32.const 0x1f4) (i32.const 0))
  (call $byte-to (i32.const 0x1f5) (i32.const 0))
  (call $byte-to (i32.const 0x1f7) (i32.const 0xc8))
  ;; Start, from the disk to memory.
  (call $byte-to (i32.const 0xb400) (i32.const 9))
  (i32.store (i32.const 64) (local.get $eax))
  (i32.store (i32.const 72) (local.get $edx)))
