; exit 44
define i32 @main() {
  ret i32 300
}
