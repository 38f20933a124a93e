#pragma once

#include "ledger/base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace ledger {

/// Overwrites with zeros in a way the compiler may not leave out.
void wipe(std::span<std::uint8_t> bytes);

/// Compares without telling by its duration where the two differ. The lengths are not secret.
bool equal_in_constant_time(ByteView a, ByteView b);

/// Bytes that must not outlive their use: never copied unasked, overwritten when dropped or
/// moved over. Its length is fixed when it is made, so growing never leaves a copy behind.
class SecretBytes {
public:
    SecretBytes() = default;
    /// `size` zeros.
    explicit SecretBytes(std::size_t size)
        : bytes_{std::make_unique<std::uint8_t[]>(size)}, size_{size}
    {
    }
    /// A copy of `from`; wiping `from` stays its owner's duty.
    static SecretBytes copy_of(ByteView from);

    SecretBytes(SecretBytes&& other) noexcept;
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    ~SecretBytes() { wipe(mutable_view()); }

    SecretBytes clone() const { return copy_of(view()); }
    ByteView view() const { return {bytes_.get(), size_}; }
    std::span<std::uint8_t> mutable_view() { return {bytes_.get(), size_}; }
    std::size_t size() const { return size_; }

private:
    std::unique_ptr<std::uint8_t[]> bytes_;
    std::size_t size_ = 0;
};

}  // namespace ledger
