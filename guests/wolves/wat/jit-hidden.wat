;; A compiled module whose store to EDM lies in code that a glance at its beginning does not find.
(import "e" "m" (memory 1))

(func $f (export "f") (param $way i32)
  (block $out
    (block $hidden
      (br_table $out $hidden (i32.eqz (local.get $way))))
    (if (i32.load8_u (i32.const 1))
      (then (unreachable))
      (else (i64.store offset=8 align=1 (i32.sub (call $edm) (i32.const 8)) (i64.const 0))))))
