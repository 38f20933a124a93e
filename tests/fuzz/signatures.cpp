// Our signatures beside OpenSSL's: a secret, a digest, auxiliary randomness, which bit changes, and
// a signature that nobody made, under a key that may be none. Whatever they are, both make the
// same, take what the other made, and refuse the same.
#include "ledger/base/ensure.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "tests/support/openssl_secp256k1.hpp"

#include <algorithm>

namespace {

using namespace ledger;

/// Zeros where the input has ended.
class Input {
public:
    explicit Input(ByteView bytes) : rest_{bytes} {}
    template <class Id>
    Id take()
    {
        Id made{};
        const auto size = std::min(rest_.size(), made.bytes.size());
        std::copy_n(rest_.begin(), size, made.bytes.begin());
        rest_ = rest_.subspan(size);
        return made;
    }
    ByteView rest() const { return rest_; }

private:
    ByteView rest_;
};

template <class Id>
Id with_bit_changed(Id from, std::size_t bit)
{
    from.bytes[bit / 8 % from.bytes.size()] ^= static_cast<std::uint8_t>(1U << bit % 8);
    return from;
}

void check_ecdsa(const SecretKey& key, const Hash& digest, std::size_t bit)
{
    const auto open = public_key(key);
    const auto who = address_of(key);
    const auto verified = [&](const Hash& of, ByteView signature) {
        return openssl::ecdsa_verify(open.view(), of, signature.first(64));
    };
    const auto ours = sign(key, digest);
    ensure(verified(digest, ours.view()), "OpenSSL takes what we sign");
    ensure(recover(digest, ours) == who, "our own signature is the account's");

    auto theirs = ours;
    std::ranges::copy(openssl::ecdsa_sign(key, digest), theirs.bytes.begin());
    theirs.bytes[64] = 27;
    const bool first = recover(digest, theirs) == who;
    theirs.bytes[64] = 28;
    ensure(first != (recover(digest, theirs) == who), "one recovery id fits what OpenSSL signs");

    const auto changed = with_bit_changed(ours, bit % 512);
    ensure(recover_key(digest, changed) != open && !verified(digest, changed.view()),
           "a changed signature is refused by both");
    const auto other = with_bit_changed(digest, bit);
    ensure(recover_key(other, ours) != open && !verified(other, ours.view()),
           "another digest is refused by both");
}

void check_schnorr(const SecretKey& key, const Hash& digest, const Hash& aux, std::size_t bit)
{
    const auto open = consensus_key(key);
    const auto both = [&](const Hash& of, const SchnorrSignature& signature) {
        const bool ours = schnorr_verify(open, of, signature);
        ensure(ours == openssl::schnorr_verify(open, of.view(), signature), "both say the same");
        return ours;
    };
    const auto made = schnorr_sign(key, digest, aux);
    ensure(made == openssl::schnorr_sign(key, digest, aux), "BIP-340 leaves no choice");
    ensure(both(digest, made), "what was signed is taken");
    ensure(!both(digest, with_bit_changed(made, bit)), "a changed signature is refused");
    ensure(!both(with_bit_changed(digest, bit), made), "another digest is refused");
}

void check_strangers(const Hash& digest, const Signature& found, const ConsensusKey& who,
                     ByteView message)
{
    const auto ours = recover_key(digest, found);
    const auto theirs = openssl::recover(digest, found);
    ensure(ours.has_value() == theirs.has_value(), "both recover, or neither");
    if (ours) {
        ensure(*uncompressed(*ours) == *theirs, "both recover the same key");
        ensure(openssl::ecdsa_verify(*theirs, digest, found.view().first(64)),
               "who was recovered has signed");
    }
    const auto schnorr = SchnorrSignature::of(found.view().first(64));
    ensure(schnorr_verify(who, message, schnorr) == openssl::schnorr_verify(who, message, schnorr),
           "both say the same of any key, message and signature");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    Input input{{data, size}};
    const auto secret = input.take<Hash>();
    const auto digest = input.take<Hash>();
    const auto aux = input.take<Hash>();
    const auto place = input.take<FixedBytes<struct PlaceTag, 2>>();
    const std::size_t bit = place.bytes[0] * 256U + place.bytes[1];
    const auto found = input.take<Signature>();
    const auto who = input.take<ConsensusKey>();
    check_strangers(digest, found, who, input.rest());

    const auto key = SecretKey::from_bytes(secret.view());
    const auto point = openssl::public_key(secret.view());
    ensure(key.has_value() == point.has_value(), "both know what a secret key is");
    if (!key) return 0;
    ensure(*uncompressed(public_key(*key)) == *point, "both make the same public key");
    check_ecdsa(*key, digest, bit);
    check_schnorr(*key, digest, aux, bit);
    return 0;
}
