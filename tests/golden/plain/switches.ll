; exit 0
; A table, halves, values of 128 bits, cases that share a block with a phi.
@n = global i32 0
define i32 @dense(i32 %v) {
  switch i32 %v, label %no [ i32 -1, label %a  i32 0, label %b  i32 1, label %a  i32 3, label %b  i32 4, label %a ]
a:
  br label %end
b:
  br label %end
no:
  br label %end
end:
  %r = phi i32 [ 1, %a ], [ 2, %b ], [ 3, %no ]
  ret i32 %r
}
define i32 @sparse(i64 %v) {
  switch i64 %v, label %no [ i64 -9000000000, label %a  i64 5, label %a  i64 1000, label %a  i64 100000, label %a  i64 9000000000, label %end ]
a:
  br label %end
no:
  br label %end
end:
  %r = phi i32 [ 1, %a ], [ 3, %no ], [ 2, %0 ]
  ret i32 %r
}
define i32 @wide(i128 %v) {
  switch i128 %v, label %no [ i128 18446744073709551616, label %a  i128 18446744073709551617, label %a  i128 18446744073709551618, label %a  i128 18446744073709551619, label %a ]
a:
  ret i32 1
no:
  ret i32 3
}
define i32 @main() {
  %a = call i32 @dense(i32 -1)
  %b = call i32 @dense(i32 3)
  %c = call i32 @dense(i32 2)
  %d = call i32 @dense(i32 2147483647)
  %e = call i32 @sparse(i64 -9000000000)
  %f = call i32 @sparse(i64 9000000000)
  %g = call i32 @sparse(i64 6)
  %h = call i32 @wide(i128 18446744073709551618)
  %i = call i32 @wide(i128 2)
  %1 = mul i32 %a, 100000000
  %2 = mul i32 %b, 10000000
  %3 = mul i32 %c, 1000000
  %4 = mul i32 %d, 100000
  %5 = mul i32 %e, 10000
  %6 = mul i32 %f, 1000
  %7 = mul i32 %g, 100
  %8 = mul i32 %h, 10
  %s1 = add i32 %1, %2
  %s2 = add i32 %s1, %3
  %s3 = add i32 %s2, %4
  %s4 = add i32 %s3, %5
  %s5 = add i32 %s4, %6
  %s6 = add i32 %s5, %7
  %s7 = add i32 %s6, %8
  %s8 = add i32 %s7, %i
  %good = icmp ne i32 %s8, 123312313
  %r = zext i1 %good to i32
  ret i32 %r
}
