; trap BadCall
@pick = global ptr @one
define i32 @one(i32 %a) {
  ret i32 %a
}
define i32 @main() {
  %f = load ptr, ptr @pick
  %r = call i32 %f(i32 4, i32 5)
  ret i32 %r
}
