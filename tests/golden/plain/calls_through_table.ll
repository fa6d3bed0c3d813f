; exit 12
@pick = global [2 x ptr] [ptr @twice, ptr @thrice]
define i32 @twice(i32 %a) {
  %r = mul i32 %a, 2
  ret i32 %r
}
define i32 @thrice(i32 %a) {
  %r = mul i32 %a, 3
  ret i32 %r
}
define i32 @main() {
  %at = getelementptr [2 x ptr], ptr @pick, i64 0, i64 1
  %f = load ptr, ptr %at
  %r = call i32 %f(i32 4)
  ret i32 %r
}
