/// Our own C library as LLVM IR, by file: generated from compiler/plain/libc.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace tally {

[[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>& plain_library();

} // namespace tally
