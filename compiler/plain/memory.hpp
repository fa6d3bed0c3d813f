/// Where everything of a program stands: globals in its memory, functions in its table, labels by number. With
/// that every constant of the program is a number.
#pragma once

#include "compiler/plain/plain.hpp"

#include <llvm/ADT/APInt.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Module.h>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace tally::plain_detail {

class Memory {
public:
    explicit Memory(const llvm::Module& program);

    /// The number that a constant of one word stands for: an integer, an address, a place in the table, a label.
    /// Nothing for what has no number here; `complaint` then says what.
    [[nodiscard]] std::optional<llvm::APInt> number(const llvm::Constant& constant);
    /// The bytes from the start of memory on, without zeros at the end.
    [[nodiscard]] std::vector<std::uint8_t> image();
    /// Bytes of the whole memory, heap included; a multiple of 16.
    [[nodiscard]] std::uint64_t bytes() const;
    /// Functions whose address is taken, in the order of their places.
    [[nodiscard]] const std::vector<const llvm::Function*>& table() const { return table_; }
    [[nodiscard]] std::uint64_t label(const llvm::BasicBlock& block);
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

private:
    void lay_out(const llvm::GlobalVariable& global);
    std::uint64_t place(const llvm::Function& function);
    std::optional<llvm::APInt> expression(const llvm::ConstantExpr& expression);
    std::optional<llvm::APInt> global(const llvm::GlobalValue& value);
    void write(const llvm::Constant& constant, std::uint64_t at, std::vector<std::uint8_t>& out);
    void write(llvm::APInt number, std::uint64_t size, std::uint64_t at, std::vector<std::uint8_t>& out);
    std::nullopt_t none(const std::string& what);

    const llvm::Module& program_;
    const llvm::DataLayout& layout_;
    std::uint64_t end_;
    std::map<const llvm::GlobalVariable*, std::uint64_t> addresses_;
    std::map<const llvm::Function*, std::uint64_t> places_;
    std::vector<const llvm::Function*> table_;
    std::map<const llvm::BasicBlock*, std::uint64_t> labels_;
    std::string complaint_;
};

/// Not defined, or nothing but zeros: memory is so at the start.
[[nodiscard]] bool is_zero(const llvm::Constant& constant);

} // namespace tally::plain_detail
