#pragma once

#include "market/message.hpp"
#include "market/state/label_records.hpp"
#include "market/state/money.hpp"

/// Labels by people (edge.md H): an order locks the pay, annotators work apart from one another and
/// are paid for what the owner accepts, or an arbiter instead of it. Whoever lets its window pass
/// loses by it.
///
///     taken ----- hand --> handed | timeout --> unhanded | return --> returned
///     handed -- submit --> submitted | timeout --> lapsed | return, early --> returned
///     submitted -- review --> reviewed, or paid where all is accepted | timeout --> paid, all
///     reviewed -- timeout --> paid, or failed where it is void | appeal --> appealed
///     appealed -- decide --> paid, or failed where it stays void | timeout --> paid, all
namespace market {

struct LabelLimits {
    static constexpr std::size_t batches = 64;
    static constexpr std::size_t picks = 8'192;  ///< bytes
    static constexpr std::uint32_t items = 8'192;
    static constexpr std::size_t classes = 256;
    static constexpr std::size_t class_name = 64;
    static constexpr std::size_t question = 1'024;
    static constexpr std::uint32_t errors = 16;  ///< shown in a review
    static constexpr std::uint32_t seats = 16;
    static constexpr std::size_t annotators = 64;
    static constexpr std::uint64_t longest_window_s = 2'592'000;
};

Verdict apply(State&, const Context&, const LabelOrder&);
Verdict apply(State&, const Context&, const LabelAgree&);
Verdict apply(State&, const Context&, const LabelOrderClose&);
Verdict apply(State&, const Context&, const LabelTake&);
Verdict apply(State&, const Context&, const LabelHand&);
Verdict apply(State&, const Context&, const LabelReturn&);
Verdict apply(State&, const Context&, const LabelSubmit&);
Verdict apply(State&, const Context&, const LabelReview&);
Verdict apply(State&, const Context&, const LabelAppeal&);
Verdict apply(State&, const Context&, const LabelDecide&);
Verdict apply(State&, const Context&, const LabelTimeout&);

/// What lies in escrow for a seat: all its labels, and the owner's half of an appeal.
std::optional<Amount> seat_cost(const LabelOrder&);
Amount seat_cost(const LabelTerms&);

/// Whether something can be sealed to a key: it is no point of small order.
bool can_be_sealed_to(const ledger::X25519PublicKey&);

/// What checking a message costs beyond its bytes and its signature, as so many hashes of a link.
std::uint64_t label_work(const Message&);

/// A piece of work under way in an order; `unknown_order`, `unknown_work`, or `otherwise` where it
/// has another status.
struct LabelCase {
    LabelTerms terms;
    LabelWorkKey key;
    LabelWork work;
};
ledger::Result<LabelCase, Rejection> label_case(const View&, const LabelOrderId&,
                                                const Address& annotator, LabelWorkStatus,
                                                Rejection otherwise);

/// Who pays the arbiter of a piece of work that ends.
enum class FeeOf { nobody, owner, annotator };

/// Gives the bond back, which the work still holds.
void return_bond(State&, const Context&, LabelCase&);
/// Pays so many labels, returns the bond and what is left, and ends the work.
void pay_labels(State&, const Context&, LabelCase&, std::uint32_t accepted, FeeOf);
/// Ends work that brought nothing: its seat is free again, unless the order is closed or the work
/// failed, as others know the gold then that was shown: then its escrow returns to the owner. What
/// becomes of the bond the caller has said before.
void drop_labels(State&, const Context&, LabelCase&, LabelWorkStatus);
/// Half of the bond to the owner, half burned.
void slash_annotator(State&, const Context&, LabelCase&);
/// Ends void work: the annotator's half of an appeal is the arbiter's, the bond is lost.
void fail_labels(State&, const Context&, LabelCase&);

}  // namespace market
