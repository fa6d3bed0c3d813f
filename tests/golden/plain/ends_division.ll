; trap DivideByZero
@zero = global i32 0
define i32 @main() {
  %z = load i32, ptr @zero
  %r = udiv i32 1, %z
  ret i32 %r
}
