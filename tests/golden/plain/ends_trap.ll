; trap Abort
define i32 @main() {
  call void @llvm.trap()
  unreachable
}
