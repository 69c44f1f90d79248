;; Every slot of the table called with the type of EDM's gates and of listeners: entering EDM other than through the gate (attack 11 of the
;; paper), forging and replaying events. One slot at each call, since most trap.
(import "v86" "memory" (memory 1))
(import "v86" "table" (table 1 funcref))

(type $gate (func (param i32 i32 i32 i32) (result i32)))

(func (export "tries") (result i32)
  (table.size))

(func $attack (export "attack") (param $slot i32)
  (drop (call_indirect (type $gate) (i32.const 0) (i32.const 0x400000) (i32.const 1) (i32.const 1) (local.get $slot))))
