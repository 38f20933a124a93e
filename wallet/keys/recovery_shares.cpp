#include "wallet/keys/recovery_shares.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/kdf.hpp"
#include "wallet/keys/shamir.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace wallet {
namespace {

using ledger::Bytes;
using ledger::ByteView;
using ledger::invalid;
using ledger::Result;
using ledger::SecretBytes;

constexpr std::uint8_t rounds = 4;
constexpr std::uint64_t least_iterations = 2'500;  // of one round
constexpr std::uint8_t our_exponent = 1;

/// A group's points by the places of its members.
using Members = std::map<std::uint8_t, const ShareMnemonic*>;
using Groups = std::map<std::uint8_t, Members>;

/// What has to be the same in all shares of a secret.
auto common(const ShareMnemonic& share)
{
    const auto& header = share.header;
    return std::tuple{header.identifier,      header.extendable, header.iteration_exponent,
                      header.group_threshold, header.groups,     share.value.size()};
}

Result<Groups> sort_shares(std::span<const ShareMnemonic> shares)
{
    Groups groups;
    for (const auto& share : shares) {
        if (common(share) != common(shares.front()))
            return invalid("these shares are not of one secret");
        auto& members = groups[share.header.group];
        if (!members.empty() && members.begin()->second->header.threshold != share.header.threshold)
            return invalid("two shares of a group want another number of members");
        const auto [at, is_new] = members.emplace(share.header.member, &share);
        if (!is_new &&
            !ledger::equal_in_constant_time(at->second->value.view(), share.value.view()))
            return invalid("two different shares claim the same place");
    }
    return groups;
}

std::size_t missing(const Members& members)
{
    const std::size_t needed = members.begin()->second->header.threshold;
    return needed - std::min(needed, members.size());
}

/// One round of the cipher by which a secret becomes what is shared (SLIP-0039, "Encryption").
Result<SecretBytes> round_key(const ShareHeader& header, std::uint8_t round,
                              std::string_view passphrase, ByteView half)
{
    SecretBytes password{1 + passphrase.size()};
    password.mutable_view()[0] = round;
    std::ranges::copy(ledger::as_bytes(passphrase), password.mutable_view().begin() + 1);
    Bytes salt;
    if (!header.extendable) {
        ledger::append(salt, ledger::as_bytes("shamir"));
        salt.push_back(static_cast<std::uint8_t>(header.identifier >> 8));
        salt.push_back(static_cast<std::uint8_t>(header.identifier & 0xff));
    }
    ledger::append(salt, half);
    auto key = ledger::pbkdf2_sha256(password.view(), salt,
                                     least_iterations << header.iteration_exponent, half.size());
    ledger::wipe(salt);
    return key;
}

/// A Feistel network: the same rounds in the other order undo it.
Result<SecretBytes> crypt(const ShareHeader& header, std::string_view passphrase, ByteView from,
                          bool encrypts)
{
    const auto half = from.size() / 2;
    auto left = SecretBytes::copy_of(from.first(half));
    auto right = SecretBytes::copy_of(from.subspan(half));
    for (std::uint8_t i = 0; i < rounds; ++i) {
        const auto round = static_cast<std::uint8_t>(encrypts ? i : rounds - 1 - i);
        auto key = round_key(header, round, passphrase, right.view());
        if (!key) return key.error();
        for (std::size_t at = 0; at < half; ++at)
            key->mutable_view()[at] = static_cast<std::uint8_t>(key->view()[at] ^ left.view()[at]);
        left = std::move(right);
        right = std::move(*key);
    }
    SecretBytes made{from.size()};
    std::ranges::copy(right.view(), made.mutable_view().begin());
    std::ranges::copy(left.view(), made.mutable_view().begin() + static_cast<std::ptrdiff_t>(half));
    return made;
}

Result<SecretBytes> group_value(const Members& members)
{
    std::vector<shamir::Point> points;
    for (const auto& [place, share] : members) points.push_back({place, share->value.clone()});
    return shamir::combine(points, members.begin()->second->header.threshold);
}

}  // namespace

std::vector<SecretBytes> make_recovery_shares(ByteView secret, std::size_t threshold,
                                              std::size_t count, std::string_view passphrase,
                                              ledger::Random& random)
{
    ledger::ensure(threshold >= 2 && threshold <= count && count <= shamir::most_shares,
                   "2 to 16 shares are made, of which at least 2 are needed");
    ShareHeader header;
    header.identifier = static_cast<std::uint16_t>(random.below(1U << 15));
    header.iteration_exponent = our_exponent;
    header.threshold = static_cast<std::uint8_t>(threshold);
    const auto encrypted = crypt(header, passphrase, secret, true);
    ledger::ensure(encrypted.has_value(), "our own work factor is within bounds");
    std::vector<SecretBytes> texts;
    for (const auto& point : shamir::split(encrypted->view(), threshold, count, random)) {
        header.member = point.x;
        texts.push_back(share_text(header, point.y.view()));
    }
    return texts;
}

Result<RecoveryState> recovery_state(std::span<const ShareMnemonic> shares)
{
    if (shares.empty()) return RecoveryState{false, 1};
    const auto groups = sort_shares(shares);
    if (!groups) return groups.error();
    const auto& header = shares.front().header;
    std::vector<std::size_t> needed;
    for (const auto& [group, members] : *groups) needed.push_back(missing(members));
    // Of a group that nothing is known of, at least one member is needed.
    needed.resize(std::max<std::size_t>(needed.size(), header.groups), 1);
    std::ranges::sort(needed);
    RecoveryState state;
    for (std::size_t i = 0; i < header.group_threshold; ++i) state.needed += needed[i];
    state.enough = state.needed == 0;
    return state;
}

Result<SecretBytes> recover_secret(std::span<const ShareMnemonic> shares,
                                   std::string_view passphrase)
{
    const auto state = recovery_state(shares);
    if (!state) return state.error();
    if (!state->enough)
        return invalid("at least " + std::to_string(state->needed) + " more shares are needed");
    const auto groups = sort_shares(shares);
    std::vector<shamir::Point> points;
    for (const auto& [group, members] : *groups) {
        if (missing(members) != 0) continue;
        auto value = group_value(members);
        if (!value) return value.error();
        points.push_back({group, std::move(*value)});
    }
    const auto& header = shares.front().header;
    const auto encrypted = shamir::combine(points, header.group_threshold);
    if (!encrypted) return encrypted.error();
    return crypt(header, passphrase, encrypted->view(), false);
}

}  // namespace wallet
