/// Names in a row, their bytes one after the other: an enum may have a thousand short ones, and a string of its
/// own for each would take eight times the room.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally {

class NameList {
public:
    struct Place {
        std::uint32_t at, size;
    };
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag; // gives values, not references
        using value_type = std::string_view;
        using difference_type = std::ptrdiff_t;
        using pointer = const std::string_view*;
        using reference = std::string_view;
        Iterator() = default;
        Iterator(const NameList* names, std::size_t i) : names_(names), i_(i) {}
        std::string_view operator*() const { return (*names_)[i_]; }
        Iterator& operator++() {
            ++i_;
            return *this;
        }
        Iterator operator++(int) { return {names_, i_++}; }
        friend bool operator==(const Iterator&, const Iterator&) = default;
        friend std::ptrdiff_t operator-(const Iterator& a, const Iterator& b) { return static_cast<std::ptrdiff_t>(a.i_ - b.i_); }

    private:
        const NameList* names_ = nullptr;
        std::size_t i_ = 0;
    };

    NameList() = default;
    NameList(std::initializer_list<std::string_view> names) { append(names); }
    NameList(const std::vector<std::string>& names) { append(names); } // NOLINT(google-explicit-constructor)
    /// Names that lie in these bytes, which may have more between them: what a module has before each.
    NameList(std::string_view bytes, std::span<const Place> places) { make(bytes, places, 0, 0); }
    NameList(const NameList& other) {
        if (!other.empty()) make(other.bytes(), other.places(), 0, 0);
    }
    NameList(NameList&&) noexcept = default;
    NameList& operator=(NameList other) noexcept {
        block_ = std::move(other.block_);
        return *this;
    }
    ~NameList() = default;

    [[nodiscard]] std::size_t size() const { return block_ ? head()->size : 0; }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const { return bytes().substr(places()[i].at, places()[i].size); }
    [[nodiscard]] Iterator begin() const { return {this, 0}; }
    [[nodiscard]] Iterator end() const { return {this, size()}; }
    [[nodiscard]] std::string_view bytes() const {
        if (!block_) return {};
        return {reinterpret_cast<const char*>(head() + 1 + size()), head()->at};
    }
    [[nodiscard]] std::span<const Place> places() const {
        if (!block_) return {};
        return {head() + 1, size()};
    }

    /// Copies what is there: who has many gives them all at once.
    void push_back(std::string_view name) {
        const NameList before = std::move(*this);
        const std::string_view bytes = before.bytes();
        char* const room = make(bytes, before.places(), 1, name.size());
        head()[size()] = {static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(name.size())};
        std::copy(name.begin(), name.end(), room);
    }
    friend bool operator==(const NameList& a, const NameList& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

private:
    template <typename List> void append(const List& names) {
        std::string bytes;
        std::vector<Place> places;
        for (const std::string_view name : names) {
            places.push_back({static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(name.size())});
            bytes += name;
        }
        if (!places.empty()) make(bytes, places, 0, 0);
    }
    /// Gives the place behind the bytes.
    char* make(std::string_view bytes, std::span<const Place> places, std::size_t more, std::size_t more_bytes) {
        const std::size_t count = places.size() + more, all = bytes.size() + more_bytes;
        block_ = std::make_unique_for_overwrite<Place[]>(1 + count + (all + sizeof(Place) - 1) / sizeof(Place));
        *head() = {static_cast<std::uint32_t>(all), static_cast<std::uint32_t>(count)};
        std::copy(places.begin(), places.end(), head() + 1);
        return std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(head() + 1 + count));
    }
    [[nodiscard]] Place* head() const { return block_.get(); }

    std::unique_ptr<Place[]> block_; ///< how many bytes and names; the places; the bytes. Most types have none
};

} // namespace tally
