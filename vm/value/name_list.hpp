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
    /// Names that lie in these bytes.
    NameList(std::string bytes, std::vector<Place> places) : row_(new Row{std::move(bytes), std::move(places)}) {}
    NameList(const NameList& other) : row_(other.row_ ? new Row(*other.row_) : nullptr) {}
    NameList(NameList&&) noexcept = default;
    NameList& operator=(NameList other) noexcept {
        row_ = std::move(other.row_);
        return *this;
    }
    ~NameList() = default;

    [[nodiscard]] std::size_t size() const { return row_ ? row_->places.size() : 0; }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const { return std::string_view(row_->bytes).substr(row_->places[i].at, row_->places[i].size); }
    [[nodiscard]] Iterator begin() const { return {this, 0}; }
    [[nodiscard]] Iterator end() const { return {this, size()}; }
    /// May have more between the names: what a module has before each.
    [[nodiscard]] std::string_view bytes() const { return row_ ? std::string_view(row_->bytes) : std::string_view(); }
    [[nodiscard]] std::span<const Place> places() const { return row_ ? std::span<const Place>(row_->places) : std::span<const Place>(); }

    void push_back(std::string_view name) {
        if (!row_) row_ = std::make_unique<Row>();
        row_->places.push_back({static_cast<std::uint32_t>(row_->bytes.size()), static_cast<std::uint32_t>(name.size())});
        row_->bytes += name;
    }
    friend bool operator==(const NameList& a, const NameList& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

private:
    struct Row {
        std::string bytes;
        std::vector<Place> places;
    };
    template <typename List> void append(const List& names) {
        for (const auto& name : names) push_back(name);
    }

    std::unique_ptr<Row> row_; ///< most types have none
};

} // namespace tally
