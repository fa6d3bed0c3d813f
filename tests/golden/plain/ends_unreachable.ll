; trap Unreachable
define i32 @main() {
  unreachable
}
