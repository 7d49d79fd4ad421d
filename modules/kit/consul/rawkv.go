package consul

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"unicode/utf8"

	"github.com/churten/churten/jinja/value"
)

// RawKV reads a key, or with recurse all that begin with it, as the server has
// them, with Value as text: a dict or a list of dicts, None when there is none.
func (c *Client) RawKV(ctx context.Context, key string, recurse bool, more url.Values) (data value.Value, meta Meta, err error) {
	params := url.Values{}
	for k, v := range more {
		params[k] = v
	}
	if recurse {
		params.Set("recurse", "1")
	}
	var body []byte
	meta, found, err := c.Do(ctx, Call{Method: "GET", Path: "kv/" + Escape(key), Params: params, Right: "key:read", Absent: true}, &body)
	if err != nil {
		return nil, meta, err
	}
	v, err := Raw(body, found)
	list, ok := v.(*value.List)
	if err != nil || !ok {
		return value.None, meta, err
	}
	for _, item := range list.Items {
		if d, ok := item.(*value.Dict); ok {
			if err := plain(d); err != nil {
				return nil, meta, err
			}
		}
	}
	if !recurse && len(list.Items) > 0 {
		return list.Items[0], meta, nil
	}
	return list, meta, nil
}

// plain turns the value of a pair from base64 into text.
func plain(d *value.Dict) error {
	v, _ := d.GetStr("Value")
	text, ok := v.(value.Str)
	if !ok {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("consul's answer: %w", err)
	}
	if !utf8.Valid(raw) {
		key, _ := d.GetStr("Key")
		return fmt.Errorf("the value of %s is no UTF-8 text", value.Text(key))
	}
	d.SetStr("Value", value.Str(raw))
	return nil
}
