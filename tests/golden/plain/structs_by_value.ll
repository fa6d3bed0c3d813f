; exit 66
; A pair comes back in one register, a larger one through memory, an argument by value is the callee's own copy.
define { i32, ptr } @pair(i32 %a, ptr %p) {
  %x = insertvalue { i32, ptr } undef, i32 %a, 0
  %y = insertvalue { i32, ptr } %x, ptr %p, 1
  ret { i32, ptr } %y
}
define { i8, i128, [2 x i16] } @large(i8 %a) {
  %w = zext i8 %a to i128
  %v = insertvalue { i8, i128, [2 x i16] } zeroinitializer, i8 %a, 0
  %x = insertvalue { i8, i128, [2 x i16] } %v, i128 %w, 1
  %y = insertvalue { i8, i128, [2 x i16] } %x, i16 30, 2, 1
  ret { i8, i128, [2 x i16] } %y
}
define i32 @spoil(ptr byval([2 x i32]) %p) {
  %v = load i32, ptr %p
  store i32 99, ptr %p
  ret i32 %v
}
define i32 @main() {
  %m = alloca [2 x i32]
  store i32 11, ptr %m
  %p = call { i32, ptr } @pair(i32 5, ptr %m)
  %a = extractvalue { i32, ptr } %p, 0
  %q = extractvalue { i32, ptr } %p, 1
  %b = call i32 @spoil(ptr byval([2 x i32]) %q)
  %c = load i32, ptr %m
  %l = call { i8, i128, [2 x i16] } @large(i8 9)
  %d = extractvalue { i8, i128, [2 x i16] } %l, 1
  %e = trunc i128 %d to i32
  %f = extractvalue { i8, i128, [2 x i16] } %l, 2, 1
  %g = zext i16 %f to i32
  %s1 = add i32 %a, %b
  %s2 = add i32 %s1, %c
  %s3 = add i32 %s2, %e
  %s4 = add i32 %s3, %g
  ret i32 %s4
}
