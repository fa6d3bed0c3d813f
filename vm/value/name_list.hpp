/// What has a name, in a row, and the bytes of all names one after the other: an enum may have a thousand short
/// cases, and a string of its own for each would take eight times the room.
#pragma once

#include "vm/value/pool.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally {

/// `Place` says where a name lies among the bytes and what stands beside it: plain data of four-byte words that
/// begins with `at` and `size`, has the type `Item` of what the list gives, and makes one out of the other.
template <typename Place> class NamedList {
public:
    using Item = typename Place::Item;
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag; // gives values, not references
        using value_type = Item;
        using difference_type = std::ptrdiff_t;
        using pointer = const Item*;
        using reference = Item;
        Iterator() = default;
        Iterator(const Place* place, const char* bytes) : place_(place), bytes_(bytes) {}
        Item operator*() const { return place_->item(bytes_); }
        Iterator& operator++() {
            ++place_;
            return *this;
        }
        Iterator operator++(int) { return {place_++, bytes_}; }
        friend bool operator==(const Iterator&, const Iterator&) = default;
        friend std::ptrdiff_t operator-(const Iterator& a, const Iterator& b) { return a.place_ - b.place_; }

    private:
        const Place* place_ = nullptr;
        const char* bytes_ = nullptr;
    };

    NamedList() = default;
    NamedList(std::initializer_list<Item> items) { append(items); }
    template <typename Like>
        requires std::convertible_to<const Like&, Item>
    NamedList(const std::vector<Like>& items) { // NOLINT(google-explicit-constructor)
        append(items);
    }
    /// Lies in the pool, which must not end before it, where its places are what was taken last. The names are in
    /// these bytes, which may have more between them: what a module has there.
    NamedList(Pool& pool, std::span<Place> places, std::string_view bytes) {
        std::byte* const room = reinterpret_cast<std::byte*>(places.data());
        set(pool.lengthen(room, places.size_bytes(), bytes.size()), places.size(), bytes);
        block_.lent = 1;
    }
    NamedList(const NamedList& other) { copy(other.bytes(), other.places()); }
    /// Out of a pool too, so that a part which is moved out of its module outlives it.
    NamedList(NamedList&& other) noexcept {
        if (other.block_.lent != 0)
            copy(other.bytes(), other.places());
        else
            std::swap(block_, other.block_);
    }
    NamedList& operator=(NamedList other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~NamedList() {
        if (block_.room != nullptr && block_.lent == 0) delete[] block_.room;
    }

    [[nodiscard]] std::size_t size() const { return block_.count; }
    [[nodiscard]] bool empty() const { return block_.count == 0; }
    [[nodiscard]] Item operator[](std::size_t i) const { return first()[i].item(chars()); }
    [[nodiscard]] Iterator begin() const { return {first(), chars()}; }
    [[nodiscard]] Iterator end() const { return {first() + size(), chars()}; }
    [[nodiscard]] std::string_view bytes() const { return {chars(), block_.bytes}; }
    [[nodiscard]] std::span<const Place> places() const { return {first(), size()}; }

    /// Copies what is there: who has many gives them all at once.
    void push_back(Item item) {
        std::vector<Item> all(begin(), end());
        all.push_back(item);
        *this = NamedList(all);
    }
    void assign(std::size_t count, Item item) { *this = NamedList(std::vector<Item>(count, item)); }
    friend bool operator==(const NamedList& a, const NamedList& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

private:
    struct Block {
        std::byte* room = nullptr; ///< the places, then the bytes; a list without items has none
        std::uint32_t count = 0;
        std::uint32_t bytes : 31 = 0, lent : 1 = 0; ///< lent: the room is a pool's
    };

    template <typename Items> void append(const Items& items) {
        std::string bytes;
        std::vector<Place> places;
        places.reserve(items.size());
        for (const Item item : items) {
            places.push_back(Place::of(item, static_cast<std::uint32_t>(bytes.size())));
            bytes += Place::name_of(item);
        }
        copy(bytes, places);
    }
    void copy(std::string_view bytes, std::span<const Place> places) {
        if (places.empty()) return;
        set(new std::byte[places.size_bytes() + bytes.size()], places.size(), bytes);
        std::copy(places.begin(), places.end(), reinterpret_cast<Place*>(block_.room));
    }
    void set(std::byte* room, std::size_t count, std::string_view bytes) {
        block_.room = room;
        block_.count = static_cast<std::uint32_t>(count);
        block_.bytes = static_cast<std::uint32_t>(bytes.size()) & 0x7fffffffU;
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(room + count * sizeof(Place)));
    }
    [[nodiscard]] const Place* first() const { return reinterpret_cast<const Place*>(block_.room); }
    [[nodiscard]] const char* chars() const { return reinterpret_cast<const char*>(first() + size()); }

    Block block_;
};

/// Nothing but names.
struct NamePlace {
    using Item = std::string_view;
    std::uint32_t at, size;
    [[nodiscard]] static std::string_view name_of(Item name) { return name; }
    [[nodiscard]] static NamePlace of(Item name, std::uint32_t at) { return {at, static_cast<std::uint32_t>(name.size())}; }
    [[nodiscard]] Item item(const char* bytes) const { return {bytes + at, size}; }
};
using NameList = NamedList<NamePlace>;

} // namespace tally
