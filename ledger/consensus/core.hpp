#pragma once

#include "ledger/consensus/application.hpp"
#include "ledger/consensus/guard.hpp"
#include "ledger/consensus/output.hpp"
#include "ledger/consensus/tally.hpp"
#include "ledger/consensus/trusted_anchor.hpp"

#include <deque>
#include <memory>
#include <random>
#include <set>
#include <span>

namespace ledger::consensus {

/// One validator or follower (consensus.md 3-9). Pure: time, randomness and inputs are arguments,
/// everything it wants done is in its Output. The same inputs give the same outputs.
/// Threads: one. Application, signer and verifier must outlive it.
class Core {
public:
    /// `signer` is null for a follower. `seed` draws the peers that get certificates and are
    /// asked, nothing else. A chain that does not lead through `trusted` is not taken.
    Core(const CoreTimes&, Durable, const Signer* signer, const Verifier&, Application&,
         std::uint64_t seed, std::optional<TrustedAnchor> trusted = {});

    /// Takes all inputs and runs the rules until nothing changes any more (R0). Must also be
    /// called when the application gets work, and first of all after making the core.
    Output step(std::span<const Input>, const Now&);

    const Epoch& epoch() const { return *epoch_; }
    View current() const { return current_; }
    View floor() const { return guard_->floor(); }
    const Header& tip() const { return tip_; }
    const VoteGuard& guard() const { return *guard_; }
    const EventCounts& events() const { return events_; }
    /// The last final chain that was refused for the trusted anchor; empty when none was.
    const std::string& refused() const { return refused_; }
    /// What the log must hold to start again from here.
    Durable durable() const;
    /// Everything that decides what it does next, times aside: equal states behave alike.
    Hash state_hash() const;
    /// Things kept in memory, for tests of their bounds.
    std::size_t kept() const;

private:
    enum class Stage { waiting, executed, invalid };
    struct Block {
        Header header;
        std::optional<Justification> justification;  ///< checked
        std::optional<SchnorrSignature> signature;   ///< the proposer's, when it came as proposal
        std::vector<WireId> wire_ids;
        std::optional<BlockBody> body;
        Stage stage = Stage::waiting;
        bool durable = false;
        bool is_certified = false;  ///< under an N or F: kept when its view is over
    };
    struct Peer {
        PublicKey key;
        std::optional<Index> validator;
        View view = 0;                          ///< current, as it said last
        bool has_status = false;                ///< of this epoch
        std::uint64_t certs_asked_until = 0;    ///< one GetCerts at a time
        std::uint64_t blocks_asked_until = 0;   ///< one GetBlocks at a time
        std::uint64_t status_answer_after = 0;  ///< earliest next answer to a status
        std::uint64_t epoch_answer_after = 0;   ///< earliest next answer about another epoch
    };
    struct Wanted {
        std::uint64_t ask_again = 0;
        std::uint32_t tries = 0;
    };
    using CertificateKey = std::pair<VoteKind, View>;

    // core.cpp: the loop
    void advance();
    bool form_certificates();
    void update_view();
    void enter_view();
    std::uint64_t timeout() const;
    bool has_work();
    void arm();
    void drop_stale_proposals();
    void schedule();
    void wake(std::uint64_t at);
    void count(Event event) { ++events_[static_cast<std::size_t>(event)]; }
    void halt(const std::string& reason, const Certificate* cause);

    // core_receive.cpp: inputs
    void receive(PeerId, const Message&);
    bool is_ours(PeerId, std::uint64_t epoch, const Message&);
    void on(PeerId, const Vote&);
    void on(PeerId, const Propose&);
    void on(PeerId, const Certificate&);
    void on(PeerId, const Status&);
    void on(PeerId, const GetCerts&);
    void on(PeerId, const Certs&);
    void on(PeerId, const GetBlocks&);
    void on(PeerId, const Blocks&);
    void on(PeerId, const GetBody&);
    void on(PeerId, const Body&);
    void on(PeerId, const Evidence&);
    void on(PeerId, const EpochProof&);
    void take_vote(const Vote&);
    bool reaches_tip(const BlockId&) const;
    bool yields(const Certificate& first, const Certificate& other) const;
    bool take_certificate(const Certificate&, bool is_verified);
    void take_block(const BlockData&, const BlockId&);
    void watch_own_key(const Vote&);
    void accuse(const Evidence&);
    void accuse_voters(const Header&, const Justification&);
    const Certificate* held(VoteKind, View) const;
    void misbehaved(PeerId, const std::string& what);
    std::string elsewhere(const Header&) const;
    void refuse(PeerId, const std::string& why);

    // core_blocks.cpp: R4, R9
    bool examine_blocks();
    bool examine(Block&);
    bool assemble(Block&);
    const char* wrong_on_parent(const Header&, const Header& parent) const;
    void reject(Block&);
    void make_durable(Block&);
    const Header* executed(const BlockId&) const;
    bool finalize();
    void commit(const std::vector<BlockId>& path, const Certificate&);
    void forget_settled();
    void note_conflict(const Certificate&);

    // core_vote.cpp: R3, R5, R7, R8
    bool notarize();
    bool finalize_votes();
    bool propose();
    bool nullify();
    bool cast(VoteKind, View, const BlockId&);
    struct Parent {
        View view{};
        BlockId id;
        const Header* header{};
    };
    std::optional<Parent> best_parent() const;
    Parent highest_executed() const;
    Justification justify(const Parent&) const;
    bool application_has_work(const Parent&);
    bool heartbeat_is_due(const Parent&);
    bool chain_is_unsettled() const;
    std::optional<std::uint64_t> propose_at(const Parent&);
    std::optional<Application::Built> build(const Parent&, const Justification&);
    bool leader_is_silent();

    // core_repair.cpp: R10, R11, block sync
    void repair();
    void resend();
    void send(std::vector<PeerId>, Message);
    void send_validators(const Message&);
    void send_everybody(const Message&);
    Status status() const;
    void want_blocks();
    void ask_for_range();
    void ask_for_certs();
    std::optional<PeerId> peer_of(Index) const;
    std::optional<PeerId> next_peer(std::uint32_t turn) const;
    std::vector<Certificate> certs_between(View from, View to, std::size_t most) const;
    void settle();

    // core_epoch.cpp: section 8
    void next_epoch(const BlockId& seal, EpochProof);
    void begin_epoch();
    void assign_validators();
    void answer_other_epoch(PeerId, std::uint64_t epoch);
    std::optional<EpochProof> proof_of(std::uint64_t epoch);

    CoreTimes times_;
    std::optional<TrustedAnchor> trusted_;
    const Signer* signer_;
    CertificateChecker checker_;
    Application& application_;
    std::mt19937_64 random_;

    std::shared_ptr<const Epoch> epoch_;
    Header anchor_;
    Header tip_;
    BlockId tip_id_;
    std::optional<Certificate> floor_certificate_;
    std::optional<VoteGuard> guard_;
    std::optional<Tally> tally_;
    View current_ = 0;
    std::map<CertificateKey, Certificate> certificates_;  ///< above the floor
    std::map<BlockId, Block> blocks_;                     ///< above the floor
    std::map<View, std::vector<BlockId>> proposals_;
    std::map<View, Propose> own_proposals_;
    std::set<View> invalid_views_;
    std::map<View, std::pair<Header, Justification>> malformed_;  ///< signed by their proposers
    std::map<View, BlockId> final_views_;                         ///< of this epoch, the newest
    std::map<std::uint64_t, EpochProof> proofs_;
    std::deque<Received> early_;

    std::map<PeerId, Peer> peers_;
    std::map<Index, std::uint64_t> heard_;  ///< steady_ms
    std::set<Index> missed_;                ///< led a view that timed out, unheard since
    std::map<BlockId, Wanted> wanted_;
    std::set<Hash> known_evidence_;

    Now now_;
    bool started_ = false;
    bool halted_ = false;
    std::uint64_t entered_at_ = 0;
    std::optional<std::uint64_t> armed_at_;
    bool timer_fired_ = false;
    bool proposed_now_ = false;       ///< in this step: one is enough for one sync
    std::size_t executed_bytes_ = 0;  ///< in this step
    bool is_postponed_ = false;       ///< some proven block is executed in the next one
    bool parent_full_ = false;
    std::uint64_t resend_at_ = 0;
    std::uint64_t resend_every_ = 0;
    std::uint64_t status_at_ = 0;
    std::uint64_t settle_until_ = 0;
    std::uint64_t range_at_ = 0;
    std::uint64_t certs_at_ = 0;
    std::uint32_t range_tries_ = 0;
    std::uint32_t certs_tries_ = 0;
    std::map<BlockId, bool> work_memo_;  ///< of this step
    EventCounts events_{};
    SignedUpTo signed_up_to_;
    std::string refused_;
    Output out_;
};

}  // namespace ledger::consensus
