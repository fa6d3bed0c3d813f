/// Memory for machine code: written once, then executable and never written again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace tally {

class CodeMemory {
public:
    /// Nothing if the system gives no memory, or refuses to make it executable.
    [[nodiscard]] static std::unique_ptr<CodeMemory> make(std::size_t bytes, const std::function<bool(std::uint8_t*)>& write);
    ~CodeMemory();
    CodeMemory(const CodeMemory&) = delete;
    CodeMemory& operator=(const CodeMemory&) = delete;
    [[nodiscard]] const std::uint8_t* data() const { return memory_; }
    [[nodiscard]] std::size_t size() const { return bytes_; }

private:
    CodeMemory(std::uint8_t* memory, std::size_t bytes) : memory_(memory), bytes_(bytes) {}
    std::uint8_t* memory_;
    std::size_t bytes_;
};

} // namespace tally
