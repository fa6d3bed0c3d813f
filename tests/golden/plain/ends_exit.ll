; exit 7
declare void @exit(i32)
define i32 @main() {
  call void @exit(i32 7)
  unreachable
}
