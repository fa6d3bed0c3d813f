/// A vector of which those of a decoded module lie in its pool: most have a few parts, and to allocate and free each
/// would be a good part of verifying it.
#pragma once

#include "vm/value/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace tally {

template <typename T> class Parts {
public:
    using value_type = T;

    Parts() = default;
    Parts(std::initializer_list<T> parts) { copy(parts.begin(), parts.size()); }
    Parts(const std::vector<T>& parts) { copy(parts.data(), parts.size()); } // NOLINT(google-explicit-constructor)
    /// So many in the pool, which must not end before them.
    Parts(Pool& pool, std::size_t count) : parts_(pool.room<T>(count)), size_(static_cast<std::uint32_t>(count)), capacity_(size_ & most), lent_(1) {
        std::uninitialized_default_construct_n(parts_, count);
    }
    Parts(const Parts& other) { copy(other.parts_, other.size_); }
    /// Out of a pool too, so that a part which is moved out of its module outlives it.
    Parts(Parts&& other) noexcept {
        if (other.lent_ != 0)
            copy(other.parts_, other.size_);
        else
            swap(other);
    }
    Parts& operator=(Parts other) noexcept {
        swap(other);
        return *this;
    }
    ~Parts() { give_back(); }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] T* begin() { return parts_; }
    [[nodiscard]] T* end() { return parts_ + size_; }
    [[nodiscard]] const T* begin() const { return parts_; }
    [[nodiscard]] const T* end() const { return parts_ + size_; }
    [[nodiscard]] T& back() { return parts_[size_ - 1]; }
    [[nodiscard]] const T& back() const { return parts_[size_ - 1]; }
    [[nodiscard]] T& operator[](std::size_t i) { return parts_[i]; }
    [[nodiscard]] const T& operator[](std::size_t i) const { return parts_[i]; }

    void push_back(T part) {
        if (size_ == capacity_) grow();
        parts_[size_++] = std::move(part);
    }
    friend bool operator==(const Parts& a, const Parts& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

private:
    static constexpr std::uint32_t most = 0x7fffffff;

    void copy(const T* parts, std::size_t count) {
        if (count == 0) return;
        own(count);
        std::copy_n(parts, count, parts_);
        size_ = static_cast<std::uint32_t>(count);
    }
    void grow() {
        Parts more;
        more.own(std::max<std::size_t>(4, 2 * size()));
        std::move(begin(), end(), more.begin());
        more.size_ = size_;
        swap(more);
    }
    void own(std::size_t capacity) {
        parts_ = new T[capacity];
        capacity_ = static_cast<std::uint32_t>(capacity) & most;
    }
    void give_back() {
        if (lent_ != 0)
            std::destroy_n(parts_, size_);
        else if (parts_ != nullptr)
            delete[] parts_;
    }
    void swap(Parts& other) noexcept {
        const std::uint32_t capacity = capacity_, lent = lent_;
        capacity_ = other.capacity_ & most, lent_ = other.lent_ & 1U;
        other.capacity_ = capacity & most, other.lent_ = lent & 1U;
        std::swap(parts_, other.parts_);
        std::swap(size_, other.size_);
    }

    T* parts_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ : 31 = 0, lent_ : 1 = 0; ///< lent: the room is a pool's
};

} // namespace tally
