;; What every wolf may call: appended to its text. EDM is found by reading; with address-space randomisation off that takes one look.

;; The linear address of EDM: the first page of the arena that is not empty.
(func $edm (result i32)
  (local $at i32)
  (local.set $at (global.get $ARENA))
  (loop $next
    (if (i64.ne (i64.load (local.get $at)) (i64.const 0))
      (then (return (i32.and (local.get $at) (i32.const -4096)))))
    (local.set $at (i32.add (local.get $at) (i32.const 8)))
    (br_if $next (i32.lt_u (local.get $at) (global.get $ARENA-END))))
  (global.get $ARENA))

;; The linear address of the ledger's byte for EDM's first page: EDM begins with its ledger.
(func $edm-byte (result i32)
  (local $edm i32)
  (local.set $edm (call $edm))
  (i32.add (local.get $edm) (i32.shr_u (local.get $edm) (i32.const 12))))
