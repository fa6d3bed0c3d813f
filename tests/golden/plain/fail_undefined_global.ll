; refused undefined: something that nobody defines: `stdout` in the global `where`
@stdout = external global ptr
@where = global ptr @stdout
define i32 @main() {
  ret i32 0
}
