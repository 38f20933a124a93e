#pragma once

#include "ledger/codec/describe.hpp"
#include "ledger/crypto/secp256k1_keys.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace node {

/// A sealed batch that a provider has whole. With `copies` it says, too, how many nodes altogether
/// should keep it, and until when; 0 and 0 says no more than that it is kept.
struct KeptBatch {
    ledger::Hash root;
    std::uint8_t copies{};
    std::uint64_t until_s{};  ///< seconds since the Unix epoch
    friend auto operator<=>(const KeptBatch&, const KeptBatch&) = default;
};
MILLRACE_DESCRIBE(KeptBatch, (root, copies, until_s))

/// What a node says it keeps and where it can be asked for it, or one page of that, signed by its
/// peer key. Its word alone: what it serves is checked against the root.
struct ProviderPage {
    ledger::PublicKey key;
    std::string url;                 ///< http(s)://HOST[:PORT]
    std::uint64_t sequence{};        ///< when it was signed, in ms; the highest of a number wins
    std::uint64_t expires_s{};       ///< seconds since the Unix epoch
    std::uint32_t page{};            ///< below `pages`
    std::uint32_t pages{};           ///< that the provider has now
    bool mirrors{};                  ///< it has room, and keeps what too few do
    std::vector<KeptBatch> batches;  ///< ascending by root
    ledger::Signature signature;     ///< over the network's genesis and the fields
    friend bool operator==(const ProviderPage&, const ProviderPage&) = default;
};
MILLRACE_DESCRIBE(ProviderPage,
                  (key, url, sequence, expires_s, page, pages, mirrors, batches, signature))

struct PageLimits {
    static constexpr std::size_t url_bytes = 128;
    static constexpr std::uint32_t pages = 16;
    static constexpr std::size_t batches = 512;  ///< of one page; it fits 32 KiB
    static constexpr std::uint8_t copies = 16;
    static constexpr std::uint64_t lifetime_s = 6 * 3600;
    static constexpr std::uint64_t wanted_s = 60 * 24 * 3600;
    static constexpr std::uint64_t skew_s = 600;  ///< clocks differ by so much
};

enum class PageFault {
    bad_url,
    bad_number,
    too_many_batches,
    unordered_batches,
    bad_copies,
    expired,
    lives_too_long,
    wanted_too_long,
    from_the_future,
    bad_signature
};

std::string_view name_of(PageFault);
/// Whether its time is at fault: an honest peer with another clock may have passed it on.
bool is_of_time(PageFault);

/// Whether pages may name this address: http(s)://HOST[:PORT] without anything behind it.
bool is_provider_url(std::string_view url);

/// Signs `page` as the holder of `key`. Tagged SHA-256 ("millrace/provider-page/v1") of the
/// network's genesis and the fields is what is signed, so that a page of one network says nothing
/// on another.
ProviderPage make_page(const ledger::SecretKey& key, const ledger::BlockId& genesis,
                       ProviderPage page);

/// Shape and times first, the signature last.
ledger::Result<void, PageFault> check_page(const ProviderPage& page, const ledger::BlockId& genesis,
                                           ledger::TimeMs now);

/// The payload of message::provider_page; canonical.
ledger::Bytes encode_page(const ProviderPage&);
/// Error invalid; the page is not checked.
ledger::Result<ProviderPage> decode_page(ledger::ByteView);

}  // namespace node
