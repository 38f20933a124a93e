#pragma once

#include "ledger/crypto/secp256k1.hpp"
#include "ledger/state/memory_state.hpp"
#include "market/execute.hpp"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

/// A market that goes where it is pushed: payers, hosts, owners whose models descend from each
/// other, data, a proposer. Each block holds a few transactions, sensible and not, honest and
/// forged, and after each one everything is checked that a block can break. For property tests
/// and fuzzing: all choices come from outside.
namespace market {

class MarketWalk {
public:
    /// A number below `below`, which is at least 1.
    using Pick = std::function<std::uint64_t(std::uint64_t below)>;

    MarketWalk(ledger::AssetKind, Pick);

    /// Makes a block of 1 to `most` transactions and executes it.
    void block(std::uint64_t most);
    /// Looks at the whole state, which a block does not.
    void check_all();

    /// What has gone wrong so far; stays empty.
    const std::vector<std::string>& broken() const { return broken_; }

    struct Counts {
        std::uint64_t transactions = 0;
        std::uint64_t applied = 0;
        std::uint64_t settlements = 0;
        std::uint64_t slashes = 0;
        std::map<std::string, std::uint64_t> applied_by_name;
    };
    const Counts& counts() const { return counts_; }

private:
    // People by number. The key of a host stands two behind it.
    enum : std::size_t {
        host = 0,
        host_key = 2,
        payer = 4,
        owner = 7,
        contributor = 10,
        proposer,
        issuer,
        all = 15
    };
    static constexpr std::size_t hosts = 2;
    static constexpr std::size_t payers = 3;
    static constexpr std::size_t owners = 3;

    struct Person {
        ledger::SecretKey key;
        Address address;
    };
    struct Terms {
        ChannelConfig config;
        ChannelId id;
        std::size_t by;                     ///< the payer
        std::size_t to;                     ///< the host
        std::uint64_t highest_voucher = 0;  ///< or link that was shown
        ChainTerms chain = {};
        std::vector<Hash> links = {};  ///< of the chain in use; links[0] is its root
        // What events say of the escrow.
        std::uint64_t in = 0;
        std::uint64_t out = 0;
    };
    struct Draft {
        std::size_t sender;
        Message message;
    };

    void set_up();
    void must(std::size_t sender, const Message&);
    View view() const { return View{memory_}; }
    Signature sign(std::size_t person, const Hash& digest);
    bool chance(std::uint64_t in) { return pick_(in) == 0; }
    std::uint64_t amount();
    std::size_t anyone() { return pick_(people_.size()); }
    std::size_t key_of_host(std::size_t person) const { return person + 2; }
    Terms& some_channel() { return channels_[open_[pick_(open_.size())]]; }
    void add_channel(Terms);
    Terms& some_pending_channel();

    Draft draft();
    Draft transfer();
    Draft transfer_with_auth();
    Draft permit_settle();
    Draft deposit();
    Draft claim();
    void renew(std::size_t slot);
    ClaimRow claim_row(Terms&);
    Draft chain_claim();
    ChainClaimRow chain_row(Terms&);
    void begin_chain(Terms&, std::uint64_t claimed);
    std::vector<VersionUse> some_uses(const Terms&, std::uint64_t claimed, std::uint64_t total);
    Draft dispute();
    Draft finalize();
    Draft refund();
    Draft withdraw();
    Draft host_change();
    Draft model_change();
    Draft issue();
    ModelHost hosting(std::size_t owner, std::size_t host, std::uint32_t ver);
    Address somewhere();

    CheckedTransaction wrap(const Draft&);
    void check_receipt(const Draft&, const Receipt&);
    void check_permit_settle(const Address& sender, const PermitSettle&, const Receipt&);
    void check_settlement(const std::vector<Event>& events, const Address& payer);
    void check_diff(const ledger::StateDiff&);
    void wrong(std::string what);

    Pick pick_;
    std::vector<Person> people_;
    std::map<std::pair<std::size_t, Hash>, Signature> signatures_;
    Network network_;
    ledger::MemoryState memory_;
    TimeMs now_{};
    Height height_{};
    std::map<std::pair<std::size_t, std::uint32_t>, std::uint64_t> nonces_;
    std::vector<ModelId> models_;
    DatasetId data_;
    std::deque<Terms> channels_;     ///< all there ever were
    std::vector<std::size_t> open_;  ///< those in use, one for each payer, host and split
    std::map<Hash, std::size_t> by_id_;
    std::vector<PermitSettle> permits_;  ///< as they were sent
    std::set<std::pair<Address, Hash>> settled_permits_;
    std::uint64_t serial_ = 0;
    std::vector<std::string> broken_;
    Counts counts_;
};

}  // namespace market
