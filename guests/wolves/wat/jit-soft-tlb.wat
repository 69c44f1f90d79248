;; A compiled module that writes as v86's own do, through the soft TLB, over the guest's IDT: it passes the verifier as it is.
(import "e" "safe_write8_slow_jit" (func $slow (param i32 i32 i32) (result i32)))
(import "e" "m" (memory 1))

(func $f (export "f") (param i32)
  (local $address i32) (local $entry i32) (local $value i32)
  (local.set $address (global.get $IDT-BASE))
  (local.set $value (i32.const 0xc3))
  (block $fault
    block
      local.get $address i32.const 12 i32.shr_u i32.const 2 i32.shl i32.load offset={TLB} local.tee $entry
      i32.const 0xfeb i32.and i32.const 1 i32.eq br_if 0
      local.get $address local.get $value i32.const 0x03200000 call $slow
      local.tee $entry i32.const 1 i32.and br_if $fault
    end
    local.get $entry i32.const -4096 i32.and local.get $address i32.xor local.get $value i32.store8))
