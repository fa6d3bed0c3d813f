/// A row's key inside a node. Nearly all are short, and a node has up to sixteen: those lie in place.
#pragma once

#include "vm/value/bytes.hpp"

#include <algorithm>
#include <array>

namespace tally::tree {

class RowKey {
public:
    RowKey() = default;
    RowKey(ByteView bytes) : size_(bytes.size()) {
        if (size_ > here_.size()) away_.assign(bytes.begin(), bytes.end());
        else std::copy(bytes.begin(), bytes.end(), here_.begin());
    }
    [[nodiscard]] ByteView view() const {
        return size_ > here_.size() ? ByteView(away_) : ByteView(here_).first(size_);
    }
    [[nodiscard]] Bytes bytes() const { return {view().begin(), view().end()}; }

    friend bool operator==(const RowKey& a, const RowKey& b) {
        return std::equal(a.view().begin(), a.view().end(), b.view().begin(), b.view().end());
    }

private:
    std::size_t size_ = 0;
    std::array<std::uint8_t, 32> here_{};
    Bytes away_;
};

} // namespace tally::tree
