/// Numbers of 32 bits in a row. The first three have room in the object itself: most rows are that short, and a
/// module may bring a hundred thousand of them, each of which would otherwise cost an allocation.
#pragma once

#include "vm/value/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace tally {

class alignas(std::uint32_t*) Words {
public:
    using value_type = std::uint32_t;

    Words() = default;
    Words(std::initializer_list<std::uint32_t> words) { append({words.begin(), words.size()}); }
    Words(const std::vector<std::uint32_t>& words) { append(words); } // NOLINT(google-explicit-constructor)
    Words(const Words& other) { append(other); }
    /// Out of a pool too, so that a part which is moved out of its module outlives it.
    Words(Words&& other) noexcept {
        if (other.lent_ != 0)
            append(other);
        else
            swap(other);
    }
    Words& operator=(Words other) noexcept {
        swap(other);
        return *this;
    }
    ~Words() { give_back(); }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::uint32_t* data() { return far_ != 0 ? elsewhere() : near_; }
    [[nodiscard]] const std::uint32_t* data() const { return far_ != 0 ? elsewhere() : near_; }
    [[nodiscard]] std::uint32_t* begin() { return data(); }
    [[nodiscard]] std::uint32_t* end() { return data() + size_; }
    [[nodiscard]] const std::uint32_t* begin() const { return data(); }
    [[nodiscard]] const std::uint32_t* end() const { return data() + size_; }
    [[nodiscard]] const std::uint32_t& back() const { return data()[size_ - 1]; }
    [[nodiscard]] std::uint32_t& operator[](std::size_t i) { return data()[i]; }
    [[nodiscard]] const std::uint32_t& operator[](std::size_t i) const { return data()[i]; }

    void reserve(std::size_t count) {
        if (count > capacity()) grow(count);
    }
    std::uint32_t& emplace_back(std::uint32_t word = 0) {
        if (size_ == capacity()) grow(capacity() * 2);
        return data()[size_++] = word;
    }
    void push_back(std::uint32_t word) { emplace_back(word); }
    /// So many that the caller writes at once.
    [[nodiscard]] std::uint32_t* room(std::size_t count) {
        reserve(count);
        size_ = static_cast<std::uint32_t>(count) & most;
        return data();
    }
    /// As above for words that have none yet; in the pool, which must not end before them, if they are many.
    [[nodiscard]] std::uint32_t* room(std::size_t count, Pool& pool) {
        if (count > near_words) {
            place(pool.row<std::uint32_t>(count).data(), count);
            lent_ = 1;
        }
        return room(count);
    }
    void assign(std::size_t count, std::uint32_t word) {
        std::fill_n(room(count), count, word);
    }
    friend bool operator==(const Words& a, const Words& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

private:
    static constexpr std::size_t near_words = 3;
    static constexpr std::uint32_t most = 0x3fffffff;

    /// Of words elsewhere, `near_` has their capacity and then their address.
    [[nodiscard]] std::size_t capacity() const { return far_ != 0 ? near_[0] : near_words; }
    [[nodiscard]] std::uint32_t* elsewhere() const {
        std::uint32_t* words = nullptr;
        std::memcpy(&words, near_ + 1, sizeof words);
        return words;
    }

    void append(std::span<const std::uint32_t> words) {
        std::copy(words.begin(), words.end(), room(words.size()));
    }
    void grow(std::size_t count) {
        auto room = std::make_unique_for_overwrite<std::uint32_t[]>(count);
        std::copy(begin(), end(), room.get());
        give_back();
        place(room.release(), count);
    }
    void place(const std::uint32_t* words, std::size_t count) {
        far_ = 1, lent_ = 0;
        near_[0] = static_cast<std::uint32_t>(count);
        std::memcpy(near_ + 1, &words, sizeof words);
    }
    void give_back() {
        if (far_ != 0 && lent_ == 0) delete[] elsewhere();
    }
    void swap(Words& other) noexcept {
        const std::uint32_t size = size_, far = far_, lent = lent_;
        size_ = other.size_ & most, far_ = other.far_ & 1U, lent_ = other.lent_ & 1U;
        other.size_ = size & most, other.far_ = far & 1U, other.lent_ = lent & 1U;
        std::swap(near_, other.near_);
    }

    std::uint32_t size_ : 30 = 0, far_ : 1 = 0, lent_ : 1 = 0; ///< far: elsewhere, which is the heap or, lent, a pool
    std::uint32_t near_[near_words]{};
};

static_assert(sizeof(std::uint32_t*) <= 2 * sizeof(std::uint32_t));

} // namespace tally
