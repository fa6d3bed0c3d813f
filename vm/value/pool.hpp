/// Room for many small things that end together: a decoded module may bring a hundred thousand rows, and to
/// allocate and free each would be a good part of verifying it. Nothing is given back before the end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace tally {

class Pool {
public:
    Pool() = default;
    Pool(Pool&& other) noexcept { *this = std::move(other); }
    /// What still lies here ends with `other`.
    Pool& operator=(Pool&& other) noexcept {
        std::swap(chunks_, other.chunks_);
        std::swap(next_, other.next_);
        std::swap(left_, other.left_);
        return *this;
    }
    /// Who copies a thing that lies in a pool gives it room of its own, so there is nothing to copy here.
    Pool(const Pool&) {}
    Pool& operator=(const Pool&) { return *this; }
    ~Pool() = default;

    static constexpr std::size_t alignment = 8;

    [[nodiscard]] std::byte* take(std::size_t bytes) {
        const std::size_t size = whole(bytes);
        if (size > left_) grow(size);
        left_ -= size;
        return std::exchange(next_, next_ + size);
    }

    /// For so many things, which are made and ended by who takes it.
    template <typename T> [[nodiscard]] T* room(std::size_t count) {
        static_assert(alignof(T) <= alignment);
        return reinterpret_cast<T*>(take(count * sizeof(T)));
    }
    /// So many things that need neither.
    template <typename T> [[nodiscard]] std::span<T> row(std::size_t count) {
        static_assert(std::is_trivially_default_constructible_v<T> && std::is_trivially_destructible_v<T>);
        return {room<T>(count), count};
    }
    /// So many bytes more behind `last`, the thing of these bytes that was taken last: where it stands, or else
    /// where a copy of it does.
    [[nodiscard]] std::byte* lengthen(std::byte* last, std::size_t bytes, std::size_t more) {
        const std::size_t size = whole(bytes + more) - whole(bytes);
        if (size > left_) return std::copy_n(last, bytes, take(bytes + more)) - bytes;
        left_ -= size;
        next_ += size;
        return last;
    }

    /// Where its parts lie is no part of a value.
    friend bool operator==(const Pool&, const Pool&) { return true; }

private:
    static constexpr std::size_t first_chunk = 4096, largest_chunk = 65536;

    static std::size_t whole(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }
    /// What is left of the chunk before is lost: less than one thing took.
    void grow(std::size_t size) {
        left_ = std::max(size, std::min(first_chunk << std::min<std::size_t>(chunks_.size(), 8), largest_chunk));
        next_ = chunks_.emplace_back(std::make_unique_for_overwrite<std::byte[]>(left_)).get();
    }

    std::vector<std::unique_ptr<std::byte[]>> chunks_;
    std::byte* next_ = nullptr;
    std::size_t left_ = 0; ///< of the last chunk
};

} // namespace tally
