#include "wallet/sale/blinds.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/crypto/hpke.hpp"
#include "ledger/crypto/kdf.hpp"
#include "market/blinds.hpp"

#include <algorithm>

namespace wallet {
namespace {

using ledger::Bytes;
using ledger::Result;
using ledger::SecretBytes;
using ledger::SecretKey;

constexpr std::string_view purpose = "millrace/blind/v1";

/// info = purpose || u32 place || u8 attempt: nearly always the first attempt is a scalar.
SecretKey blind_of(const SecretKey& account, const market::OfferId& offer, std::uint32_t place)
{
    Bytes info;
    ledger::append(info, ledger::as_bytes(purpose));
    ledger::append_big_endian(info, place);
    for (info.push_back(0);; ++info.back()) {
        const auto bytes = ledger::hkdf_sha256(account.view(), offer.view(), info, SecretKey::size);
        if (auto scalar = SecretKey::from_bytes(bytes.view())) return std::move(*scalar);
    }
}

}  // namespace

Blinds make_blinds(const SecretKey& account, const market::OfferId& offer, std::size_t batches)
{
    Blinds blinds;
    for (std::uint32_t place = 0; place < batches; ++place) {
        blinds.scalars.push_back(blind_of(account, offer, place));
        blinds.points.push_back(ledger::public_key(blinds.scalars.back()));
    }
    return blinds;
}

Result<Bytes> seal_blinds(const Blinds& blinds, const market::OfferId& offer,
                          const ledger::Address& buyer, const ledger::X25519PublicKey& seller,
                          ledger::Random& random)
{
    SecretBytes plain{blinds.scalars.size() * SecretKey::size};
    auto at = plain.mutable_view().begin();
    for (const auto& scalar : blinds.scalars) at = std::ranges::copy(scalar.view(), at).out;
    const auto info = market::blinds_info(offer, buyer, blinds.points);
    return ledger::hpke_seal(seller, info, {}, plain.view(), random);
}

Result<std::vector<SecretKey>> open_blinds(const ledger::X25519Key& seller,
                                           const market::OfferId& offer,
                                           const ledger::Address& buyer,
                                           std::span<const ledger::PublicKey> points,
                                           ledger::ByteView wrapped)
{
    const auto plain =
        ledger::hpke_open(seller, market::blinds_info(offer, buyer, points), {}, wrapped);
    if (!plain) return plain.error();
    if (plain->size() != points.size() * SecretKey::size)
        return ledger::invalid("the buyer sealed another number of scalars");
    std::vector<SecretKey> scalars;
    for (std::size_t i = 0; i < points.size(); ++i) {
        auto scalar =
            SecretKey::from_bytes(plain->view().subspan(i * SecretKey::size, SecretKey::size));
        if (!scalar || ledger::public_key(*scalar) != points[i])
            return ledger::invalid("the buyer sealed a scalar that is not its point's");
        scalars.push_back(std::move(*scalar));
    }
    return scalars;
}

}  // namespace wallet
