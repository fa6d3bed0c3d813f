#include "vm/engine/native/code_memory.hpp"

#include <sys/mman.h>

namespace tally {

std::unique_ptr<CodeMemory> CodeMemory::make(std::size_t bytes, const std::function<bool(std::uint8_t*)>& write) {
    void* const mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return nullptr;
    std::unique_ptr<CodeMemory> out(new CodeMemory(static_cast<std::uint8_t*>(mapped), bytes));
    if (!write(out->memory_) || mprotect(mapped, bytes, PROT_READ | PROT_EXEC) != 0) return nullptr;
    return out;
}

CodeMemory::~CodeMemory() { munmap(memory_, bytes_); }

} // namespace tally
