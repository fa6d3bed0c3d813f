/// Rows that are filled one after the other, all in one vector: a module may have thousands of short ones.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tally {

template <typename T> class Rows {
public:
    /// A row more, to which `push_back` adds.
    void open() { begins_.push_back(all_.size()); }
    void push_back(T value) { all_.push_back(value); }
    [[nodiscard]] T& back() { return all_.back(); }

    [[nodiscard]] std::size_t size() const { return begins_.size(); }
    [[nodiscard]] std::span<const T> operator[](std::size_t row) const {
        const std::size_t end = row + 1 == begins_.size() ? all_.size() : begins_[row + 1];
        return {all_.data() + begins_[row], end - begins_[row]};
    }
    /// All rows behind each other.
    [[nodiscard]] std::span<const T> all() const { return all_; }
    void reserve(std::size_t rows) { begins_.reserve(rows); }

private:
    std::vector<std::size_t> begins_;
    std::vector<T> all_;
};

} // namespace tally
