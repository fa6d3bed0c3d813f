/// A text that is nearly always empty: then no more than a pointer.
#pragma once

#include "vm/value/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tally {

class RareText {
public:
    RareText() = default;
    RareText(const std::string& text) : RareText(std::string_view(text)) {} // NOLINT(google-explicit-constructor)
    RareText(const char* text) : RareText(std::string_view(text)) {}        // NOLINT(google-explicit-constructor)
    explicit RareText(std::string_view text) {
        if (!text.empty()) fill(new std::byte[sizeof(Head) + text.size()], text, 0);
    }
    /// Not empty, and in the pool, which must not end before it.
    RareText(Pool& pool, std::string_view text) { fill(pool.take(sizeof(Head) + text.size()), text, 1); }
    RareText(const RareText& other) : RareText(other.view()) {}
    /// Out of a pool too, so that a part which is moved out of its module outlives it.
    RareText(RareText&& other) noexcept {
        if (other.head_ != nullptr && other.head_->lent != 0)
            *this = RareText(other.view());
        else
            std::swap(head_, other.head_);
    }
    RareText& operator=(RareText other) noexcept {
        std::swap(head_, other.head_);
        return *this;
    }
    ~RareText() {
        if (head_ != nullptr && head_->lent == 0) delete[] reinterpret_cast<std::byte*>(head_);
    }

    [[nodiscard]] bool empty() const { return head_ == nullptr; }
    [[nodiscard]] std::size_t size() const { return head_ != nullptr ? head_->size : 0; }
    [[nodiscard]] std::string str() const { return std::string(view()); }
    [[nodiscard]] std::string_view view() const {
        if (head_ == nullptr) return {};
        return {reinterpret_cast<const char*>(head_ + 1), head_->size};
    }
    friend bool operator==(const RareText& a, const RareText& b) { return a.view() == b.view(); }

private:
    struct Head {
        std::uint32_t size : 31, lent : 1; ///< lent: by a pool
    };

    void fill(std::byte* room, std::string_view text, std::uint32_t lent) {
        head_ = reinterpret_cast<Head*>(room);
        head_->size = static_cast<std::uint32_t>(text.size()) & 0x7fffffffU;
        head_->lent = lent & 1U;
        std::copy(text.begin(), text.end(), reinterpret_cast<char*>(head_ + 1));
    }

    Head* head_ = nullptr; ///< then the bytes
};

} // namespace tally
