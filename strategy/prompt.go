package strategy

import (
	"context"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/vars"
)

// prompts asks for vars_prompt, once a play; the answers are known to the
// play's own keywords.
func (pr *playRun) prompts(ctx context.Context) (*value.Dict, error) {
	answers := value.NewDict(len(pr.plan.VarsPrompt))
	for _, p := range pr.plan.VarsPrompt {
		if _, given := pr.Store.Extra.GetStr(p.Name); given {
			continue
		}
		pr.tell(event.VarsPrompt{Name: p.Name, Text: p.Text, Private: p.Private, Confirm: p.Confirm, Encrypt: p.Encrypt, Salt: p.Salt, SaltSize: p.SaltSize,
			Default: p.Default, Unsafe: p.Unsafe})
		v, err := pr.ask(ctx, p)
		if err != nil {
			return nil, err
		}
		if v, err = pr.encrypted(ctx, p, v); err != nil {
			return nil, source.Errorf(p.Pos, "%w", err)
		}
		answers.SetStr(p.Name, v)
	}
	return answers, nil
}

func (pr *playRun) ask(ctx context.Context, p plan.Prompt) (value.Value, error) {
	text := p.Text
	if text == "" {
		text = p.Name
	}
	if p.Default != nil && p.Default != value.Value(value.None) {
		text += fmt.Sprintf(" [%s]", value.Text(p.Default))
	}
	if !pr.Prompt.Interactive() {
		return pr.unasked(p), nil
	}
	for {
		answer, ok, err := pr.Prompt.Ask(ctx, text+": ", !p.Private)
		if err != nil {
			return nil, err
		}
		if !ok {
			return pr.unasked(p), nil
		}
		if p.Confirm {
			again, _, err := pr.Prompt.Ask(ctx, "confirm "+text+": ", !p.Private)
			if err != nil {
				return nil, err
			}
			if again != answer {
				pr.display("***** VALUES ENTERED DO NOT MATCH ****")
				continue
			}
		}
		if answer == "" && p.Default != nil {
			return p.Default, nil
		}
		return value.Str(answer), nil
	}
}

// unasked is the answer where nobody can be asked.
func (pr *playRun) unasked(p plan.Prompt) value.Value {
	pr.Warn("Not prompting as we are not in interactive mode")
	if p.Default != nil {
		return p.Default
	}
	return value.Str("None") // as the reference has it: text
}

// encrypted hashes an answer as the prompt's encrypt says. The hash is that of
// the filter password_hash, which knows the same algorithms.
func (pr *playRun) encrypted(ctx context.Context, p plan.Prompt, answer value.Value) (value.Value, error) {
	if p.Encrypt == "" {
		return answer, nil
	}
	kw := value.NewDict(2)
	if p.Salt != "" {
		kw.SetStr("salt", value.Str(p.Salt))
	}
	if p.SaltSize > 0 {
		kw.SetStr("salt_size", value.Int(p.SaltSize))
	}
	c := expr.NewCtx(ctx, pr.Runner.Env, pr.Store.Play(&vars.Play{Plan: pr.plan, Magic: value.NewDict(0)}))
	return c.CallFilter("password_hash", []value.Value{value.Str(value.Text(answer)), value.Str(p.Encrypt)}, kw)
}
