#include "ledger/crypto/hash.hpp"
#include "ledger/state/range_proof.hpp"
#include "ledger/state/tree_builder.hpp"
#include "tests/support/naive_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

namespace ledger {
namespace {

/// A random state beside its definition, and ranges whose ends lie on, beside and between keys.
class RangeSession {
public:
    explicit RangeSession(std::uint32_t seed) : random_{seed}
    {
        const auto keys = pick(4) == 0 ? pick(4) : pick(150);
        StateDiff diff;
        for (std::size_t i = 0; i < keys; ++i) {
            const auto key = key_of(i);
            diff[key] = Bytes(pick(3), static_cast<std::uint8_t>(i));
            all_.insert_or_assign(sha256(key), sha256(*diff[key]));
        }
        naive_.apply(diff);
        StateTree tree{nodes_};
        root_ = *tree.apply(Height{1}, diff);
        nodes_.apply(*tree.take_changes());
    }

    void agrees_with_the_definition() const
    {
        ASSERT_EQ(root_, naive_.root());
        TreeBuilder builder{Height{1}, [this](const Bytes& key, const Bytes& node) {
                                ASSERT_EQ(*nodes_.node(key), node);
                            }};
        for (const auto& [key, value] : all_) ASSERT_TRUE(builder.add(key, value));
        ASSERT_EQ(builder.finish(), root_);
    }

    void range()
    {
        first_ = random_end();
        last_ = random_end();
        if (last_ < first_) std::swap(first_, last_);
        const auto proof = prove_range(nodes_, Height{1}, root_, first_, last_);
        ASSERT_TRUE(proof) << proof.error().detail;
        proof_ = *proof;
        entries_.clear();
        for (auto at = all_.lower_bound(first_); at != all_.end() && at->first <= last_; ++at)
            entries_.push_back({at->first, at->second});
        ASSERT_TRUE(verify_range(root_, first_, last_, entries_, proof_));
        ASSERT_EQ(*decode_range_proof(encode(proof_)), proof_);
    }

    void refuses_every_bit_changed()
    {
        const auto bytes = encode(proof_);
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            auto changed = bytes;
            changed[i] ^= static_cast<std::uint8_t>(1U << pick(8));
            const auto other = decode_range_proof(changed);
            if (other) {
                ASSERT_FALSE(verify_range(root_, first_, last_, entries_, *other)) << "byte " << i;
            }
        }
    }

    void refuses_other_entries()
    {
        for (int i = 0; i < 4; ++i) {
            auto other = entries_;
            const auto at = other.begin() + static_cast<std::ptrdiff_t>(pick(other.size() + 1));
            const bool at_end = at == other.end();
            switch (pick(3)) {
                case 0:
                    other.insert(at, {random_end(), sha256(Bytes{1})});
                    std::ranges::sort(other);
                    break;
                case 1:
                    if (at_end) continue;
                    other.erase(at);
                    break;
                default:
                    if (at_end) continue;
                    at->value_hash.bytes[pick(32)] ^= static_cast<std::uint8_t>(1U << pick(8));
            }
            ASSERT_FALSE(verify_range(root_, first_, last_, other, proof_));
        }
    }

    /// Proofs with parts of another range's, moved, dropped or doubled.
    void refuses_mixed_proofs()
    {
        const auto good = proof_;
        const auto first = first_;
        const auto last = last_;
        const auto entries = entries_;
        range();
        for (int i = 0; i < 12; ++i) {
            auto mixed = good;
            switch (pick(8)) {
                case 0:
                    mixed.before = proof_.before;
                    break;
                case 1:
                    mixed.after = proof_.after;
                    break;
                case 2:
                    mixed.leaf_before = proof_.leaf_before;
                    break;
                case 3:
                    mixed.leaf_after = proof_.leaf_after;
                    break;
                case 4:
                    mixed.first_depth = proof_.first_depth;
                    break;
                case 5:
                    mixed.last_depth = proof_.last_depth;
                    break;
                case 6:
                    std::swap(mixed.before, mixed.after);
                    break;
                default:
                    std::swap(mixed.leaf_before, mixed.leaf_after);
            }
            ASSERT_EQ(verify_range(root_, first, last, entries, mixed), mixed == good);
        }
    }

private:
    std::size_t pick(std::size_t below) { return below == 0 ? 0 : random_() % below; }

    /// Now and then one of some keys whose hashes begin alike, so that paths grow long.
    static Bytes key_of(std::size_t number)
    {
        static const std::vector<std::string> deep = {"k1077278", "k809937", "k2090203",
                                                      "k1709925", "k724783", "k667612"};
        const auto text = number < deep.size() ? deep[number] : std::to_string(number);
        return {text.begin(), text.end()};
    }

    Hash random_end()
    {
        Hash end;
        const auto kind = pick(8);
        if (kind == 0) return end;
        if (kind == 1) {
            end.bytes.fill(0xff);
            return end;
        }
        if (kind < 6 && !all_.empty()) {
            end = std::next(all_.begin(), static_cast<std::ptrdiff_t>(pick(all_.size())))->first;
            if (kind < 4) end.bytes[pick(32)] ^= static_cast<std::uint8_t>(1U << pick(8));
            if (kind == 5) end.bytes[31] = static_cast<std::uint8_t>(end.bytes[31] + 1);
            return end;
        }
        for (auto& byte : end.bytes) byte = static_cast<std::uint8_t>(pick(256));
        if (kind == 7) std::fill(end.bytes.begin() + 2, end.bytes.end(), pick(2) == 0 ? 0 : 0xff);
        return end;
    }

    std::mt19937 random_;
    std::map<Hash, Hash> all_;
    NaiveState naive_;
    MemoryTreeNodes nodes_;
    Hash root_;
    Hash first_, last_;
    RangeProof proof_;
    std::vector<RangeEntry> entries_;
};

TEST(RangeProofProperty, ShowsExactlyWhatIsInARangeAndNothingElse)
{
    for (std::uint32_t seed = 1; seed <= 80; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RangeSession session{seed};
        session.agrees_with_the_definition();
        for (int i = 0; i < 12; ++i) {
            session.range();
            if (testing::Test::HasFatalFailure()) return;
            session.refuses_other_entries();
            if (i % 3 == 0) session.refuses_every_bit_changed();
            session.refuses_mixed_proofs();
            if (testing::Test::HasFatalFailure()) return;
        }
    }
}

}  // namespace
}  // namespace ledger
