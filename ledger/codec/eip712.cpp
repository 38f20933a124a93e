#include "ledger/codec/eip712.hpp"

namespace ledger::eip712 {
namespace detail {

void put_word(Keccak256& hasher, std::uint64_t value)
{
    std::array<std::uint8_t, 32> word{};
    for (unsigned i = 0; i < 8; ++i) word[31 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    hasher.update(word);
}

void put_address(Keccak256& hasher, const Address& address)
{
    std::array<std::uint8_t, 32> word{};
    std::copy(address.bytes.begin(), address.bytes.end(), word.begin() + 12);
    hasher.update(word);
}

std::string join_types(const std::string& primary, std::map<std::string, std::string> types)
{
    std::string text = types.at(primary);
    types.erase(primary);
    for (const auto& [name, definition] : types) text += definition;
    return text;
}

}  // namespace detail

Hash Domain::separator() const
{
    std::string type = "EIP712Domain(string name";
    if (version) type += ",string version";
    type += ",uint256 chainId";
    if (verifying_contract) type += ",address verifyingContract";
    if (salt) type += ",bytes32 salt";
    type += ")";

    Keccak256 hasher;
    hasher.update(keccak256(as_bytes(type)).view());
    hasher.update(keccak256(as_bytes(name)).view());
    if (version) hasher.update(keccak256(as_bytes(*version)).view());
    detail::put_word(hasher, chain_id.value);
    if (verifying_contract) detail::put_address(hasher, *verifying_contract);
    if (salt) hasher.update(salt->view());
    return hasher.finish();
}

Hash digest(const Hash& domain_separator, const Hash& struct_hash)
{
    Keccak256 hasher;
    hasher.update(as_bytes("\x19\x01"));
    hasher.update(domain_separator.view());
    hasher.update(struct_hash.view());
    return hasher.finish();
}

}  // namespace ledger::eip712
