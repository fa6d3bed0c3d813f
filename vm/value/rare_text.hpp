/// A text that is nearly always empty: then no more than a pointer.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tally {

class RareText {
public:
    RareText() = default;
    RareText(std::string text) : text_(text.empty() ? nullptr : new std::string(std::move(text))) {} // NOLINT(google-explicit-constructor)
    RareText(const char* text) : RareText(std::string(text)) {}                                      // NOLINT(google-explicit-constructor)
    RareText(const RareText& other) : RareText(other.str()) {}
    RareText(RareText&&) noexcept = default;
    RareText& operator=(RareText other) noexcept {
        text_ = std::move(other.text_);
        return *this;
    }
    ~RareText() = default;

    [[nodiscard]] bool empty() const { return text_ == nullptr; }
    [[nodiscard]] std::size_t size() const { return text_ ? text_->size() : 0; }
    [[nodiscard]] std::string str() const { return text_ ? *text_ : std::string(); }
    [[nodiscard]] std::string_view view() const { return text_ ? std::string_view(*text_) : std::string_view(); }
    friend bool operator==(const RareText& a, const RareText& b) { return a.view() == b.view(); }

private:
    std::unique_ptr<std::string> text_;
};

} // namespace tally
