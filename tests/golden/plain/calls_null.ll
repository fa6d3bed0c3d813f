; trap BadCall
@pick = global ptr null
define i32 @main() {
  %f = load ptr, ptr @pick
  %r = call i32 %f()
  ret i32 %r
}
