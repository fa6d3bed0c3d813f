; exit 0
@abc = constant [4 x i8] c"abc\00"
declare i64 @strlen(ptr)
declare i32 @strcmp(ptr, ptr)
declare ptr @malloc(i64)
declare ptr @strcpy(ptr, ptr)
declare i32 @memcmp(ptr, ptr, i64)
define i32 @main() {
  %p = call ptr @malloc(i64 10)
  %q = call ptr @strcpy(ptr %p, ptr @abc)
  %n = call i64 @strlen(ptr %p)
  %c = call i32 @strcmp(ptr %q, ptr @abc)
  %m = call i32 @memcmp(ptr %q, ptr @abc, i64 4)
  %l = trunc i64 %n to i32
  %s = sub i32 %l, 3
  %r = or i32 %s, %c
  %z = or i32 %r, %m
  ret i32 %z
}
